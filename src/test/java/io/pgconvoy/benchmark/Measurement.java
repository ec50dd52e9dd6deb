package io.pgconvoy.benchmark;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What one run of a contestant took.
 *
 * @param openSeconds until the last database was open for clients, where deferred tables followed
 * @param clientCpu processor seconds of the contestant's own processes; like all that /proc tells, only known on Linux
 * @param sourceCpu of the source's processes, where it runs on this machine
 * @param targetCpu of the target's, likewise
 * @param machineCpu of all processors of this machine, whoever used them
 * @param idleShare of all processors' time that nobody used, 0 to 1
 * @param clientBytes the most that all processes of the contestant had in memory at once
 * @param javaBytes the most that its Java had, where it is one
 * @param failure why it does not count: how it ended, or what is missing on the target
 */
record Measurement(
        double seconds,
        OptionalDouble openSeconds,
        OptionalDouble clientCpu,
        OptionalDouble sourceCpu,
        OptionalDouble targetCpu,
        OptionalDouble machineCpu,
        OptionalDouble idleShare,
        OptionalLong clientBytes,
        OptionalLong javaBytes,
        Optional<String> failure,
        List<String> missing) {

    Measurement failed(String why, List<String> what) {
        return new Measurement(
                seconds,
                openSeconds,
                clientCpu,
                sourceCpu,
                targetCpu,
                machineCpu,
                idleShare,
                clientBytes,
                javaBytes,
                Optional.of(why),
                List.copyOf(what));
    }
}
