package io.pgconvoy.postgres;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a client tool finds in its environment: there, unlike in arguments, other users cannot read the password. */
final class ToolEnvironment {
    private ToolEnvironment() {}

    static Map<String, String> of(Server server) {
        return of(server, Map.of());
    }

    /** The same with further settings of the tool's sessions, by name. */
    static Map<String, String> of(Server server, Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>(
                Keepalives.of(server.endpoint().parameters()).forServer(server.version()));
        all.putAll(settings);
        Map<String, String> environment = new HashMap<>();
        environment.put("PGOPTIONS", SessionSettings.asToolOptions(server.version(), all));
        environment.put("PGAPPNAME", server.applicationName());
        server.endpoint().password().ifPresent(secret -> environment.put("PGPASSWORD", secret.reveal()));
        return environment;
    }
}
