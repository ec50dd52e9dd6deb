package io.pgconvoy.cli;

import io.pgconvoy.config.FileTrouble;
import io.pgconvoy.config.Home;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.plan.NearMisses;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option's value comes from when the command line does not give it: the environment ({@code
 * PGCONVOY_FROM_HOST} for {@code --from-host}), then the configuration file ({@code from-host}), then the default.
 */
final class OptionDefaults implements IDefaultValueProvider {
    private static final String CONFIG = "--config";
    private static final String VARIABLE_PREFIX = "PGCONVOY_";

    private final List<String> arguments;
    private final Map<String, String> environment;
    private final Properties file;

    private OptionDefaults(List<String> arguments, Map<String, String> environment, Properties file) {
        this.arguments = List.copyOf(arguments);
        this.environment = environment;
        this.file = file;
    }

    /**
     * Reads the configuration file that the arguments or the environment name, if any.
     *
     * @throws PgconvoyException of kind USAGE where it cannot be read or holds what is no option
     */
    static OptionDefaults of(List<String> arguments, Map<String, String> environment, CommandSpec root) {
        PropertiesOnce file = new PropertiesOnce();
        String path = configFile(arguments, environment);
        if (path != null) {
            try (Reader reader = Files.newBufferedReader(Home.of(environment).resolve(path), StandardCharsets.UTF_8)) {
                file.load(reader);
            } catch (IOException failure) {
                throw unreadable(path, FileTrouble.reason(failure));
            } catch (IllegalArgumentException malformed) {
                throw unreadable(path, "it has a malformed \\uXXXX");
            }
            refuseUnknown(path, file, optionNames(root));
            refuseRepeated(path, file);
        }
        return new OptionDefaults(arguments, environment, file);
    }

    /** The value of an option, also where the rest of the command line makes no sense. */
    static Optional<String> lookUp(String option, List<String> arguments, Map<String, String> environment) {
        String given = argument(option, arguments);
        if (given == null) {
            given = variable(option.replaceFirst("^--", ""), environment);
        }
        String path = configFile(arguments, environment);
        if (given == null && path != null) {
            Properties file = new Properties();
            try (Reader reader = Files.newBufferedReader(Home.of(environment).resolve(path), StandardCharsets.UTF_8)) {
                file.load(reader);
            } catch (IOException | IllegalArgumentException unreadable) {
                // Told by who needs the rest of it.
                return Optional.empty();
            }
            given = file.getProperty(option.replaceFirst("^--", ""));
        }
        return Optional.ofNullable(given).filter(value -> !value.isEmpty());
    }

    private static void refuseUnknown(String path, Properties file, Set<String> known) {
        for (String name : file.stringPropertyNames()) {
            if (!known.contains(name)) {
                List<String> near = NearMisses.of(name, known);
                throw PgconvoyException.usage(
                        "--config: " + path + " holds '" + name + "', which is no option",
                        (near.isEmpty() ? "" : "Did you mean " + String.join(" or ", near) + "? ")
                                + "Names are those of the long options without the dashes: from-host, max-parallel, ...");
            }
        }
    }

    /** The last one would win, and what the others say be lost without a word. */
    private static void refuseRepeated(String path, PropertiesOnce file) {
        if (!file.repeated.isEmpty()) {
            throw PgconvoyException.usage(
                    "--config: " + path + " holds '" + file.repeated.iterator().next() + "' more than once",
                    "Give each name once; several patterns are one value, separated by \\n.");
        }
    }

    /** Keeps in mind which names came twice. */
    private static final class PropertiesOnce extends Properties {
        private static final long serialVersionUID = 1;

        private final transient Set<String> repeated = new TreeSet<>();

        @Override
        public synchronized Object put(Object name, Object value) {
            Object before = super.put(name, value);
            if (before != null) {
                repeated.add(String.valueOf(name));
            }
            return before;
        }
    }

    private static PgconvoyException unreadable(String path, String why) {
        return PgconvoyException.usage(
                "--config: cannot read " + path + ": " + why,
                "Give a properties file in UTF-8: lines such as from-host=db1.example.");
    }

    @Override
    public String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) {
            return null;
        }
        String name = option.longestName().replaceFirst("^--", "");
        if (name.equals("help") || name.equals("version")) {
            return null;
        }
        // A switch on the command line means the opposite of its default, so it must not find itself there.
        if (option.arity().max() == 0 && Arrays.stream(option.names()).anyMatch(arguments::contains)) {
            return null;
        }
        String variable = variable(name, environment);
        return variable == null ? file.getProperty(name) : variable;
    }

    /** What the environment holds for an option; an empty variable is none. */
    private static String variable(String name, Map<String, String> environment) {
        String value = environment.get(VARIABLE_PREFIX + Shell.variable(name));
        return value == null || value.isEmpty() ? null : value;
    }

    private static String configFile(List<String> arguments, Map<String, String> environment) {
        String argument = argument(CONFIG, arguments);
        return argument == null ? variable("config", environment) : argument;
    }

    private static String argument(String option, List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals(option) && i + 1 < arguments.size()) {
                return arguments.get(i + 1);
            }
            if (argument.startsWith(option + "=")) {
                return argument.substring(option.length() + 1);
            }
        }
        return null;
    }

    static Set<String> optionNames(CommandSpec root) {
        Set<String> names = new TreeSet<>();
        root.options().forEach(option -> names.add(option.longestName().replaceFirst("^--", "")));
        root.subcommands().values().forEach(command -> names.addAll(optionNames(command.getCommandSpec())));
        return names;
    }
}
