package io.pgconvoy.preflight;

import static java.util.stream.Collectors.joining;

import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A check that is data, as in pg_upgrade's data_types_usage_checks[]: a query for the objects that something is the matter
 * with, a sentence, and what to do. Some say several things.
 *
 * <p>In sentences, <code>{target}</code> stands for the target's major version and <code>{user}</code> for the source's
 * user; in queries, <code>{major}</code> for the target's version as a number (1300 for 13), besides what
 * {@link SourceDatabase#sql} knows.
 */
public final class QueryCheck extends DatabaseCheck {
    /** How bad it is. */
    private enum Grade {
        BLOCKER("blocker"),
        REFUSED("blocker\\*"),
        WARNING("warning"),
        NOTE("note");

        private final String text;

        Grade(String text) {
            this.text = text;
        }

        Severity in(CheckContext context) {
            return this == REFUSED ? context.ofRestoreErrors() : Severity.valueOf(name());
        }
    }

    /**
     * One thing that is said.
     *
     * @param signs one of which is seen where the query has rows; none where it has to be asked in any case
     * @param query of one column: each object's kind and name
     */
    private record Question(
            Predicate<CheckContext> when, Grade grade, String what, String advice, List<Sign> signs, String query) {}

    private final Optional<Side> side;
    private final String about;
    private final Predicate<CheckContext> when;
    private final List<Question> questions;

    private QueryCheck(
            String name, String about, Optional<Side> side, Predicate<CheckContext> when, List<Question> questions) {
        super(
                name,
                questions.stream()
                        .map(question -> question.grade().text)
                        .distinct()
                        .sorted()
                        .collect(joining(", ")),
                about);
        this.side = side;
        this.about = about;
        this.when = when;
        this.questions = List.copyOf(questions);
    }

    /** Of what is special about the source. */
    public static QueryCheck check(String name, String about) {
        return new QueryCheck(name, about, Optional.of(Side.SOURCE), always -> true, List.of());
    }

    /** Of what some version of PostgreSQL, or of an extension, no longer has. */
    public static QueryCheck removed(String name, String about) {
        return new QueryCheck(name, about, Optional.empty(), always -> true, List.of());
    }

    /** Of what went in one version: for a source before it and a target from it on. */
    public static QueryCheck removedIn(ServerVersion version, String name, String about) {
        return removed(name, about)
                .when(context -> !context.source().version().isAtLeast(version)
                        && context.target().version().isAtLeast(version));
    }

    /** The same, where that also holds. */
    public QueryCheck when(Predicate<CheckContext> condition) {
        return new QueryCheck(name(), about, side, when.and(condition), questions);
    }

    public Saying blocks(String what) {
        return saying(Grade.BLOCKER, what);
    }

    /** As {@link #refused}. */
    public Saying refuses(String what) {
        return saying(Grade.REFUSED, what);
    }

    public Saying warns(String what) {
        return saying(Grade.WARNING, what);
    }

    public Saying notes(String what) {
        return saying(Grade.NOTE, what);
    }

    private Saying saying(Grade grade, String what) {
        return new Saying(grade, what, "", always -> true, List.of());
    }

    /** What is said of the objects of a query that is still to come. */
    public final class Saying {
        private final Grade grade;
        private final String what;
        private final String advice;
        private final Predicate<CheckContext> when;
        private final List<Sign> signs;

        private Saying(Grade grade, String what, String advice, Predicate<CheckContext> when, List<Sign> signs) {
            this.grade = grade;
            this.what = what;
            this.advice = advice;
            this.when = when;
            this.signs = signs;
        }

        public Saying advises(String text) {
            return new Saying(grade, what, text, when, signs);
        }

        public Saying when(Predicate<CheckContext> condition) {
            return new Saying(grade, what, advice, condition, signs);
        }

        /** Where none of these signs is seen, the query has no rows. */
        public Saying signs(Sign... oneOf) {
            return new Saying(grade, what, advice, when, List.of(oneOf));
        }

        public QueryCheck query(String sql) {
            List<Question> more = new ArrayList<>(questions);
            more.add(new Question(when, grade, what, advice, signs, sql));
            return new QueryCheck(name(), about, side, QueryCheck.this.when, more);
        }
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        List<Question> asked = asked(context).toList();
        return asked.stream().anyMatch(question -> question.signs().isEmpty())
                ? List.of()
                : asked.stream().flatMap(question -> question.signs().stream()).toList();
    }

    private Stream<Question> asked(CheckContext context) {
        return questions.stream()
                .filter(question -> when.test(context) && question.when().test(context));
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        return runAll(List.of(this), context, database).get(this);
    }

    /** What each of these checks finds, in one round trip. */
    static Map<Check, List<Finding>> runAll(List<QueryCheck> checks, CheckContext context, SourceDatabase database) {
        Map<Check, List<Finding>> findings = new LinkedHashMap<>();
        Map<Question, List<Place>> places = new LinkedHashMap<>();
        for (QueryCheck check : checks) {
            findings.put(check, List.of());
            check.asked(context)
                    .filter(question -> database.shows(question.signs()))
                    .forEach(question -> places.put(question, new ArrayList<>()));
        }
        if (places.isEmpty()) {
            return findings;
        }
        List<Question> asked = List.copyOf(places.keySet());
        List<String> parts = new ArrayList<>();
        for (Question question : asked) {
            parts.add("SELECT " + parts.size() + ", row_number() OVER (), found.object FROM ("
                    + question.query()
                            .replace(
                                    "{major}",
                                    String.valueOf(context.target().version().major()))
                    + ") AS found (object)");
        }
        // What was dropped meanwhile has no name any more.
        database.session()
                .each(
                        SourceDatabase.sql(String.join(" UNION ALL ", parts) + " ORDER BY 1, 2"),
                        row -> row.text(3)
                                .ifPresent(object ->
                                        places.get(asked.get(row.getInt(1))).add(database.place(object))));
        checks.forEach(check -> findings.put(
                check,
                check.questions.stream()
                        .filter(places::containsKey)
                        .map(question -> check.finding(question, context).at(places.get(question)))
                        .filter(finding -> !finding.places().isEmpty())
                        .toList()));
        return findings;
    }

    private Finding finding(Question question, CheckContext context) {
        String what = question.what()
                .replace("{target}", context.target().version().majorText())
                .replace("{user}", context.source().status().user());
        Finding finding = blocker(what, question.advice()).as(question.grade().in(context));
        return side.map(finding::on).orElse(finding);
    }
}
