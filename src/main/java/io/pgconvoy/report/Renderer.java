package io.pgconvoy.report;

/** How events become visible. Used by the screen's thread alone. */
interface Renderer {
    /** Takes one event in; may show it now or at the next tick. */
    void show(Event event);

    /** Called about five times a second: shows what has been put off, and what changes with time. */
    void tick();

    /** Shows what has been put off and leaves the screen in good order. Nothing follows. */
    void close();
}
