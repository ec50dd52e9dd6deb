package io.pgconvoy.report;

/** A terminal's size in characters; each is at least 1. */
record ScreenSize(int columns, int rows) {}
