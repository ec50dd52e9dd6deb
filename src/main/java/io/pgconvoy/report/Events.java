package io.pgconvoy.report;

/** Where events go: the one thread that owns the screen takes them from there. Safe for use by many threads. */
@FunctionalInterface
public interface Events {
    /** Hands an event over; returns at once and never fails. */
    void publish(Event event);
}
