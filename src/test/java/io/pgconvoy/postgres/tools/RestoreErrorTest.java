package io.pgconvoy.postgres.tools;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreErrorTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // The error's entry | message behind "could not execute query: ERROR:  " | command | harmless
                "``                       | unrecognized configuration parameter \"transaction_timeout\" | SET transaction_timeout = 0; | true",
                "``                       | unrecognized configuration parameter \"shop.tax\"  | SET shop.tax = 7;              | false",
                "FUNCTION public f() app  | unrecognized configuration parameter \"row_security\" | CREATE FUNCTION f() ...   | false",
                "SCHEMA - public postgres | schema \"public\" already exists                   | CREATE SCHEMA \"public\";      | true",
                "SCHEMA - public postgres | permission denied for database shop                | CREATE SCHEMA \"public\";      | false",
                "SCHEMA - shop app        | schema \"shop\" already exists                     | CREATE SCHEMA \"shop\";        | false",
                "TABLE public t app       | relation \"schema \"public\" already exists\" already exists | CREATE TABLE t ();   | false",
                "COMMENT - EXTENSION plpgsql     | must be owner of extension plpgsql | COMMENT ON EXTENSION plpgsql IS 'x';     | true",
                "COMMENT - EXTENSION \"plpgsql\" | must be owner of extension plpgsql | COMMENT ON EXTENSION \"plpgsql\" IS 'x'; | true",
                "COMMENT - EXTENSION plpgsql     | relation \"t\" does not exist      | COMMENT ON TABLE t IS 'x';               | false",
                "COMMENT - EXTENSION pg_trgm     | must be owner of extension pg_trgm | COMMENT ON EXTENSION pg_trgm IS 'x';     | false",
                "TABLE public t app       | relation \"t\" already exists                      | CREATE TABLE t ();             | false",
                "TABLE DATA public t app  | invalid byte sequence for encoding \"UTF8\": 0xff  | COPY t (a) FROM stdin;         | false",
            })
    void excusesOnlyWhatLosesNothing(String entry, String message, String command, boolean harmless) {
        RestoreError error = new RestoreError(entry, "could not execute query: ERROR:  " + message, command);

        assertThat(error.harmlessBecause().isPresent()).isEqualTo(harmless);
    }
}
