package io.pgconvoy.preflight.server;

import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.rehearsal.LocaleProbe;
import java.time.Duration;
import java.util.List;

/** The checks that look at both servers as a whole, in the order of their reports. */
public final class ServerChecks {
    private ServerChecks() {}

    /** Where one of these blocks, the others could not be asked or would mislead. */
    public static List<ServerCheck> foundations() {
        return List.of(
                new VersionCheck(), new ToolCheck(), new SameServerCheck(), new RecoveryCheck(), new PrivilegeCheck());
    }

    /** All others. */
    public static List<ServerCheck> all() {
        return List.of(
                new MinorReleaseCheck(),
                new ReadOnlyCheck(),
                new ConnectPrivilegeCheck(),
                new ConnectionCheck(),
                new DumpSpaceCheck(),
                new TargetSpaceCheck(),
                new AlterSystemCheck(),
                new ExistingDatabaseCheck(),
                new OtherDatabaseCheck(),
                new RoleNameCheck(),
                new ExistingRoleCheck(),
                new RolePasswordCheck(),
                new SettingNameCheck(),
                new TablespaceCheck(),
                new PreloadedLibraryCheck(),
                new ServerSettingsCheck(),
                SourceActivityChecks.preparedTransactions(),
                SourceActivityChecks.exclusiveLocks(Duration.ofSeconds(10)),
                SourceActivityChecks.longTransactions(Duration.ofHours(1)),
                new ReplicationSlotCheck(),
                new SharedEncodingCheck(),
                new ClosedDatabaseCheck(),
                new LeftBehindDatabaseCheck(),
                new LocaleCheck(new LocaleProbe()));
    }
}
