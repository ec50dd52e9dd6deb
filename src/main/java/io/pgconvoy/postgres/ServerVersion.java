package io.pgconvoy.postgres;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of a server or of a client tool.
 *
 * @param number as server_version_num has it: 90624 for 9.6.24, 180006 for 18.6
 */
public record ServerVersion(int number) implements Comparable<ServerVersion> {
    public static final ServerVersion V9_5 = new ServerVersion(90500);
    public static final ServerVersion V9_6 = new ServerVersion(90600);
    public static final ServerVersion V10 = new ServerVersion(100000);
    public static final ServerVersion V11 = new ServerVersion(110000);
    public static final ServerVersion V12 = new ServerVersion(120000);
    public static final ServerVersion V13 = new ServerVersion(130000);
    public static final ServerVersion V14 = new ServerVersion(140000);
    public static final ServerVersion V15 = new ServerVersion(150000);
    public static final ServerVersion V16 = new ServerVersion(160000);
    public static final ServerVersion V17 = new ServerVersion(170000);
    public static final ServerVersion V18 = new ServerVersion(180000);

    private static final Pattern TOOL_OUTPUT = Pattern.compile("\\(PostgreSQL\\) (\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?");

    /**
     * Reads what {@code pg_dump --version} prints, such as {@code pg_dump (PostgreSQL) 18.6 (Debian 18.6-3)}.
     *
     * @throws IllegalArgumentException where no version is in it
     */
    public static ServerVersion ofToolOutput(String output) {
        Matcher matcher = TOOL_OUTPUT.matcher(output);
        if (!matcher.find()) {
            throw new IllegalArgumentException("no PostgreSQL version in: " + output);
        }
        int first = Integer.parseInt(matcher.group(1));
        int second = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        int third = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
        return new ServerVersion(first >= 10 ? first * 10000 + second : first * 10000 + second * 100 + third);
    }

    public boolean isAtLeast(ServerVersion other) {
        return number >= other.number;
    }

    /** The major version as a comparable number: 906 for 9.6, 1800 for 18. */
    public int major() {
        return number >= 100000 ? number / 10000 * 100 : number / 100;
    }

    /** The major version as people write it: {@code 9.6}, {@code 18}. */
    public String majorText() {
        return number >= 100000 ? String.valueOf(number / 10000) : number / 10000 + "." + number / 100 % 100;
    }

    @Override
    public int compareTo(ServerVersion other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return majorText() + "." + (number >= 100000 ? number % 10000 : number % 100);
    }
}
