package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.postgres.ClientTools;

/** What is known before anything is changed. */
public record Situation(
        Endpoint source, ServerFacts sourceFacts, Endpoint target, ServerFacts targetFacts, ClientTools tools) {}
