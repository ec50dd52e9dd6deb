package io.pgconvoy;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which package may use which: a change here is a change of the design. */
@AnalyzeClasses(packages = "io.pgconvoy", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.pgconvoy.";

    /** What the commands stand on. */
    private static final List<String> CORE = List.of(
            "verify", "globals", "preflight", "plan", "catalog", "journal", "postgres", "report", "model", "config");

    /** Who may use whom, besides its own package and those beneath it; the command line may use everything. */
    private static final Map<String, List<String>> MAY_USE = new TreeMap<>(Map.ofEntries(
            Map.entry("config", List.of()),
            Map.entry("model", List.of("config")),
            Map.entry("postgres", List.of("model", "config")),
            Map.entry("journal", List.of("model", "config")),
            Map.entry("report", List.of("model", "config")),
            Map.entry("catalog", List.of("postgres", "model", "config")),
            Map.entry("plan", List.of("catalog", "model", "config")),
            Map.entry("preflight", List.of("plan", "globals", "catalog", "postgres", "model", "config")),
            Map.entry("globals", List.of("catalog", "postgres", "journal", "model", "config")),
            Map.entry("verify", List.of("plan", "catalog", "postgres", "journal", "model", "config")),
            Map.entry("tuning", List.of("postgres", "journal", "model", "config")),
            Map.entry("transfer", List.of("plan", "catalog", "postgres", "journal", "model", "config")),
            Map.entry("survey", with(CORE, "tuning")),
            Map.entry("inspection", with(CORE, "survey")),
            Map.entry("migration", with(CORE, "tuning", "survey", "transfer"))));

    private static List<String> with(List<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).toList();
    }

    @ArchTest
    static final ArchRule packagesUseOnlyWhatTheyMay = CompositeArchRule.of(
            MAY_USE.keySet().stream().map(ArchitectureTest::usesOnlyWhatItMay).toList());

    @ArchTest
    static final ArchRule everyClassIsInAKnownPackage = classes()
            .should()
            .resideInAnyPackage(Stream.concat(Stream.of("cli"), MAY_USE.keySet().stream())
                    .map(ArchitectureTest::within)
                    .toArray(String[]::new));

    @ArchTest
    static final ArchRule noPackageUsesAnotherInACircle =
            slices().matching("io.pgconvoy.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule nothingBeneathMigrationUsesIt = noClasses()
            .that()
            .resideInAPackage(ROOT + "migration.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "migration");

    @ArchTest
    static final ArchRule noPackageBeneathMigrationUsesAnotherInACircle =
            slices().matching(ROOT + "migration.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule postgresAndWhatIsBeneathItUseOneAnotherInNoCircle = slices().matching(ROOT + "(**)")
            .namingSlices("$1")
            .that(describe("of postgres", slice -> slice.getDescription().startsWith("postgres")))
            .should()
            .beFreeOfCycles();

    /** Where more lie, nobody sees what is in it. */
    @ArchTest
    static void noFolderHoldsMoreThanThirtyFiles(JavaClasses all) {
        Map<String, Long> files = all.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));

        assertThat(files).allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(30));
    }

    @ArchTest
    static final ArchRule onlyTheCommandLineEndsTheProcess = noClasses()
            .that(not(resideInAPackage(within("cli"))))
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class);

    @ArchTest
    static final ArchRule onlyCommandLineAndReportPrint = noClasses()
            .that(not(resideInAnyPackage(within("cli"), within("report"))))
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule onlyThePostgresPackageStartsProcesses = noClasses()
            .that(not(resideInAPackage(within("postgres"))))
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ProcessBuilder.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String[].class);

    /** All else asks by {@code Session}, whose failures name server, database and purpose. */
    @ArchTest
    static final ArchRule onlyThePostgresPackageKnowsJdbc = noClasses()
            .that(not(resideInAPackage(within("postgres"))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..");

    /** One way to start threads: named, and broken off or waited for by rules that hold for all. */
    @ArchTest
    static final ArchRule onlyConcurrentAndTheScreenStartThreads = noClasses()
            .that(not(resideInAPackage(within("postgres.concurrent"))))
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "report.Screen")
            .should()
            .callConstructorWhere(target(owner(assignableTo(Thread.class).or(assignableTo(Executor.class)))))
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Executors.class, ThreadFactory.class, Timer.class)
            .orShould()
            .callMethodWhere(target(nameMatching("parallel|parallelStream|\\w+Async")));

    @ArchTest
    static final ArchRule onlyTheCommandLineKnowsPicocli = noClasses()
            .that(not(resideInAPackage(within("cli"))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    @ArchTest
    static final ArchRule timeIsJavaTime = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.Date")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.Calendar")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.text.SimpleDateFormat");

    private static ArchRule usesOnlyWhatItMay(String name) {
        String[] forbidden = Stream.concat(Stream.of("cli"), MAY_USE.keySet().stream())
                .filter(other -> !other.equals(name) && !MAY_USE.get(name).contains(other))
                .map(ArchitectureTest::within)
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(within(name))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .as(name + " uses only " + Arrays.toString(MAY_USE.get(name).toArray()))
                .allowEmptyShould(true);
    }

    private static String within(String name) {
        return ROOT + name + "..";
    }
}
