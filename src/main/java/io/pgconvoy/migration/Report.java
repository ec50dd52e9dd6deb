package io.pgconvoy.migration;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.report.Summary;
import java.util.Optional;

/**
 * How a run ended.
 *
 * @param summary complete but for the program's version and the exit code, which the command line knows
 * @param anyFailed whether a database or a part of the globals did not arrive
 * @param end what broke the run off; empty where it came to its end
 */
public record Report(Summary summary, boolean anyFailed, Optional<ErrorKind> end) {}
