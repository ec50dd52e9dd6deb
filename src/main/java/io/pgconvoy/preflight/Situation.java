package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.config.Endpoint;
import io.pgconvoy.postgres.ClientTools;

/** What is known before anything is changed. */
public record Situation(
        Endpoint source, ServerStatus sourceStatus, Endpoint target, ServerStatus targetStatus, ClientTools tools) {}
