package io.pgconvoy.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Where the source's tablespaces go.
 *
 * @param folders new folders on the target, by the tablespace's name or its folder on the source
 * @param leaveOut whether no tablespaces are made and everything goes into the default one
 */
public record TablespaceChoice(Map<String, String> folders, boolean leaveOut) {
    /** Everything as on the source. */
    public static final TablespaceChoice SAME = new TablespaceChoice(Map.of(), false);

    public TablespaceChoice {
        folders = Collections.unmodifiableMap(new LinkedHashMap<>(folders));
    }

    /**
     * Reads the values of {@code --map-tablespace}.
     *
     * @param texts each {@code OLD=NEW}; an equals sign within either is written {@code \=}
     * @throws PgconvoyException of kind USAGE where one is not of that form or contradicts another option
     */
    public static TablespaceChoice parse(List<String> texts, boolean leaveOut) {
        if (leaveOut && !texts.isEmpty()) {
            throw PgconvoyException.usage(
                    "--map-tablespace and --no-tablespaces exclude each other", "Give one of them.");
        }
        Map<String, String> folders = new LinkedHashMap<>();
        for (String text : texts) {
            String[] sides = text.split("(?<!\\\\)=", -1);
            if (sides.length != 2 || sides[0].isEmpty() || sides[1].isEmpty()) {
                throw PgconvoyException.usage(
                        "--map-tablespace: '" + text + "' is not of the form OLD=NEW",
                        "OLD is a tablespace's name or its folder on the source, NEW an empty folder on the target;"
                                + " write an equals sign within them as \\=.");
            }
            String old = sides[0].replace("\\=", "=");
            String folder = sides[1].replace("\\=", "=");
            if (!folder.startsWith("/")) {
                throw PgconvoyException.usage(
                        "--map-tablespace: '" + folder + "' is no absolute path",
                        "NEW is a folder on the target's machine, /mnt/fast, say; the server takes no other.");
            }
            if (folders.put(old, folder) != null) {
                throw PgconvoyException.usage("--map-tablespace maps '" + old + "' twice", "Give each once.");
            }
        }
        return new TablespaceChoice(folders, leaveOut);
    }

    /** Where a tablespace lies on the target; its name prevails over its folder on the source. */
    public String folder(String name, String sourceFolder) {
        return keys(name, sourceFolder)
                .map(folders::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(sourceFolder);
    }

    /** Whether this OLD of {@code --map-tablespace} means that tablespace. */
    public static boolean means(String old, String name, String sourceFolder) {
        return keys(name, sourceFolder).anyMatch(old::equals);
    }

    /** The server keeps folders without a slash at their end; people write them with one. */
    private static Stream<String> keys(String name, String sourceFolder) {
        return Stream.of(name, sourceFolder, sourceFolder + "/");
    }
}
