package io.pgconvoy.tuning;

import io.pgconvoy.config.ByteSize;
import java.util.Optional;

/**
 * The settings that are changed while loading. All of them take effect with a reload; what needs a restart (wal_level,
 * shared_buffers) is the administrator's business.
 *
 * @see <a href="https://www.postgresql.org/docs/current/populate.html">Populating a Database</a>
 */
enum TunedSetting {
    /** A checkpoint spread over most of its interval disturbs the load least. At least 0.9, the default from 14 on. */
    CHECKPOINT_COMPLETION_TARGET("checkpoint_completion_target", false) {
        @Override
        Optional<String> wanted(ServerSetting now, TuningRequest request) {
            return Double.parseDouble(now.value()) >= 0.9 ? Optional.empty() : Optional.of("0.9");
        }
    },
    /**
     * Eight times what is there, up to 8 GB: fewer checkpoints, while a small disk, to which somebody fitted a small
     * value, is not overrun.
     */
    MAX_WAL_SIZE("max_wal_size", false) {
        @Override
        Optional<String> wanted(ServerSetting now, TuningRequest request) {
            return now.raisedTo(Math.min(8 * now.amount(), MOST_WAL.bytes()));
        }
    },
    /** At least half an hour, so that it is max_wal_size that decides. */
    CHECKPOINT_TIMEOUT("checkpoint_timeout", false) {
        @Override
        Optional<String> wanted(ServerSetting now, TuningRequest request) {
            return now.raisedTo(30 * 60);
        }
    },
    /** At least what the request says: index builds sort in it. */
    MAINTENANCE_WORK_MEM("maintenance_work_mem", false) {
        @Override
        Optional<String> wanted(ServerSetting now, TuningRequest request) {
            return request.maintenanceWorkMem().flatMap(size -> now.raisedTo(size.bytes()));
        }
    },
    /** Off: it would compete with the load, and everything is analyzed at its end. */
    AUTOVACUUM("autovacuum", false) {
        @Override
        Optional<String> wanted(ServerSetting now, TuningRequest request) {
            return off(now);
        }
    },
    /** Off, unless clients commit meanwhile: a crash may lose the last commits, but corrupts nothing. */
    SYNCHRONOUS_COMMIT("synchronous_commit", false) {
        @Override
        Optional<String> wanted(ServerSetting now, TuningRequest request) {
            return request.clientsWrite() ? Optional.empty() : off(now);
        }
    },
    /** Off: half the WAL; a crash of the machine may leave torn pages, in every database of the cluster. */
    FULL_PAGE_WRITES("full_page_writes", true) {
        @Override
        Optional<String> wanted(ServerSetting now, TuningRequest request) {
            return off(now);
        }
    },
    /** Off: no waiting for disks; a crash of the machine may cost the whole cluster. */
    FSYNC("fsync", true) {
        @Override
        Optional<String> wanted(ServerSetting now, TuningRequest request) {
            return off(now);
        }
    };

    private static final ByteSize MOST_WAL = ByteSize.ofMegabytes(8192);

    private final String parameter;
    private final boolean crashSafety;

    TunedSetting(String parameter, boolean crashSafety) {
        this.parameter = parameter;
        this.crashSafety = crashSafety;
    }

    /** The parameter's name on the server. */
    String parameter() {
        return parameter;
    }

    /** Whether the cluster's other databases depend on it when the machine crashes. */
    boolean isCrashSafety() {
        return crashSafety;
    }

    /** The value to set; empty where the present one suits. */
    abstract Optional<String> wanted(ServerSetting now, TuningRequest request);

    private static Optional<String> off(ServerSetting now) {
        return "off".equals(now.value()) ? Optional.empty() : Optional.of("off");
    }
}
