package io.pgconvoy.preflight;

import io.pgconvoy.catalog.TableCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.preflight.Finding.Place;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Objects in template1, which every new database gets: the target's template1 is not touched. */
final class TemplateObjectCheck implements ServerCheck {
    private static final DatabaseName TEMPLATE1 = new DatabaseName("template1");

    @Override
    public String name() {
        return "template-objects";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        try (Connection connection = situation.source().server().open(TEMPLATE1)) {
            return TableCatalog.holdsUserObjects(connection)
                    ? List.of(Finding.warning(
                                    this,
                                    "template1 holds user objects, which are not carried over: new databases on the target"
                                            + " will not have them",
                                    "pg_dump template1 and restore it into the target's if they are wanted.")
                            .on(Side.SOURCE)
                            .at(List.of(Place.of(TEMPLATE1))))
                    : List.of();
        } catch (PgconvoyException refused) {
            // Dropped, renamed or closed: then no new database gets anything from it.
            return List.of();
        }
    }
}
