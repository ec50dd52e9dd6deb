package io.pgconvoy.resume;

import io.pgconvoy.testing.Streaming;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;

/** kill -9 of a run with {@code --transport stream}. */
@ExtendWith(Streaming.class)
class StreamedKilledRunIT extends KilledRunIT {
    StreamedKilledRunIT() throws Exception {}

    /** Not here: what is held up in its restore streams, without tools. */
    @Override
    void endsTheToolsThatOutlivedAKilledRun(Moment moment, Path folder) {}
}
