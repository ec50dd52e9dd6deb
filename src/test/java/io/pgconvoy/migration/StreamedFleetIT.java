package io.pgconvoy.migration;

import io.pgconvoy.testing.Streaming;
import org.junit.jupiter.api.extension.ExtendWith;

/** The whole fleet by {@code --transport stream}. */
@ExtendWith(Streaming.class)
class StreamedFleetIT extends WholeFleetIT {}
