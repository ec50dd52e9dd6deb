package io.pgconvoy.migration;

import io.pgconvoy.report.Summary;

/**
 * How a run ended.
 *
 * @param summary complete but for the program's version and the exit code, which the command line knows
 * @param anyFailed whether a database or a part of the globals did not arrive
 */
public record Report(Summary summary, boolean anyFailed) {}
