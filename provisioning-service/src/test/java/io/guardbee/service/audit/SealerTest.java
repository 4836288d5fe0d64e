package io.guardbee.service.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.service.RunningService;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.ceremony.Ceremonies;
import io.guardbee.service.ceremony.Ceremonies.Plan;
import io.guardbee.service.ceremony.Ceremonies.Tokens;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is sealed while the database is written to, by us and by others. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SealerTest {

  private final Clock clock = Clock.systemUTC();
  private Token token;
  private Authorities authorities;
  private Path databases;
  private int count;
  private Database database;
  private Sealer sealer;

  @BeforeAll
  void makeAuthorities(@TempDir Path directory) throws IOException {
    databases = directory;
    Pkcs11Uri uri = RunningService.token();
    token = Token.open(uri);
    new Ceremonies(directory.resolve("ca"), Optional.empty(), new SecureRandom(), clock)
        .init(new Tokens(uri, token), Plan.of("Acme"));
    authorities = Authorities.open(token, directory.resolve("ca"));
  }

  @AfterAll
  void closeToken() {
    token.close();
  }

  @BeforeEach
  void open() throws IOException {
    database = Database.embedded(databases.resolve("db-" + count++));
    sealer = new Sealer(database, authorities, clock);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Entry entry(String device) {
    return Entry.of(
        clock.instant(), Action.GRANT_MADE, Actor.operator("jane"), "device:" + device, Map.of());
  }

  private void record(String... devices) {
    database.transact(
        tx -> {
          Audit.record(tx, Stream.of(devices).map(this::entry).toList());
          return true;
        });
  }

  private List<String> lines() {
    return database.transact(
        tx ->
            tx.createQuery("select line from audit_entry order by number")
                .mapTo(String.class)
                .list());
  }

  private Verification verification() {
    Verification log = new Verification(0);
    lines().forEach(log::line);
    String head =
        database.transact(
            tx -> tx.createQuery("select line from audit_head").mapTo(String.class).one());
    log.head(SignedHead.parse(head), List.of(authorities.root()));
    return log;
  }

  private void execute(String sql) {
    database.transact(tx -> tx.execute(sql));
  }

  @Test
  void entriesGetTheirNumbersInTheOrderOfRecording() {
    record("d-1", "d-2");
    record("d-3");
    sealer.seal();
    record("d-4");
    sealer.seal();
    assertThat(lines()).hasSize(4);
    for (int i = 0; i < 4; i++) {
      assertThat(lines().get(i))
          .startsWith("{\"number\":" + (i + 1))
          .contains("device:d-" + (i + 1));
    }
    assertThat(verification().problems()).isEmpty();
  }

  @Test
  void whatDidNotHappenIsNotRecorded() {
    assertThatThrownBy(
            () ->
                database.transact(
                    tx -> {
                      Audit.record(tx, entry("d-1"));
                      throw new IllegalStateException("the change failed");
                    }))
        .isInstanceOf(IllegalStateException.class);
    sealer.seal();
    assertThat(lines()).isEmpty();
  }

  @Test
  void replicasSealOneChainSideBySide() {
    Sealer other = new Sealer(database, authorities, clock);
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (Sealer one : List.of(sealer, other)) {
      for (String writer : List.of("a", "b")) {
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < 50; i++) {
                    record(writer + i);
                    one.seal();
                  }
                }));
      }
    }
    all.forEach(CompletableFuture::join);
    sealer.seal();
    Verification log = verification();
    assertThat(log.problems()).isEmpty();
    assertThat(log.count()).isEqualTo(200);
  }

  @Test
  void moreThanOneBatchIsOneChain() {
    record(LongStream.range(0, 4500).mapToObj(i -> "d-" + i).toArray(String[]::new));
    sealer.seal();
    Verification log = verification();
    assertThat(log.problems()).isEmpty();
    assertThat(log.count()).isEqualTo(4500);
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        Arguments.of("the tail cut off", "delete from audit_entry where number > 7"),
        Arguments.of("all taken out", "delete from audit_entry"),
        Arguments.of(
            "the last changed",
            "update audit_entry set line = replace(line, 'jane', 'joan') where number = 10"),
        Arguments.of(
            "one in the middle changed",
            "update audit_entry set line = replace(line, 'jane', 'joan') where number = 4"),
        Arguments.of("one in the middle taken out", "delete from audit_entry where number = 4"),
        Arguments.of(
            "one put at the end",
            "insert into audit_entry (number, line) values (11, '{\"number\":11}')"),
        Arguments.of("the head taken out", "update audit_head set line = ''"),
        Arguments.of(
            "the head changed", "update audit_head set line = replace(line, ' 10 ', ' 9 ')"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void serviceThatGoesOnDoesNotHideTheChange(String what, String sql) {
    record(LongStream.rangeClosed(1, 10).mapToObj(i -> "d-" + i).toArray(String[]::new));
    sealer.seal();
    execute(sql);
    record("d-after");
    sealer.seal();
    assertThat(verification().problems()).as(what).isNotEmpty();

    record("d-later");
    new Sealer(database, authorities, clock).seal(); // after a restart
    assertThat(verification().problems()).as(what).isNotEmpty();
    assertThat(lines().get(lines().size() - 1)).contains("d-later");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void changeWhileTheServiceIsDownIsNotHiddenEither(String what, String sql) {
    record(LongStream.rangeClosed(1, 10).mapToObj(i -> "d-" + i).toArray(String[]::new));
    sealer.seal();
    execute(sql);
    record("d-after");
    new Sealer(database, authorities, clock).seal();
    assertThat(verification().problems()).as(what).isNotEmpty();
  }

  @Test
  void logSetBackWhileTheServiceRunsIsTold() {
    record("d-1");
    sealer.seal();
    String older =
        database.transact(
            tx -> tx.createQuery("select line from audit_head").mapTo(String.class).one());
    record("d-2");
    sealer.seal();
    database.transact(
        tx -> {
          tx.execute("delete from audit_entry where number > 1");
          return tx.execute("update audit_head set line = ?", older);
        });
    assertThat(verification().problems()).isEmpty(); // whole by itself
    record("d-3");
    sealer.seal();
    assertThat(verification().problems()).isNotEmpty();
    assertThat(lines()).anyMatch(line -> line.contains("log-altered"));
  }

  @Test
  void refusalsOfAnAttackerAreCountedNotListed() {
    Refusals refusals = new Refusals(clock);
    for (int i = 0; i < 100_000; i++) {
      refusals.add(io.guardbee.pki.Reason.TOKEN_WRONG, entry("d-" + i));
    }
    List<Entry> taken = refusals.take(false);
    assertThat(taken).hasSizeLessThan(210);
    Entry counts = taken.get(taken.size() - 1);
    assertThat(counts.action()).isEqualTo(Action.REFUSALS_COUNTED);
    assertThat(Optional.ofNullable(counts.values().get("token-wrong")))
        .hasValueSatisfying(count -> assertThat(Long.parseLong(count)).isGreaterThan(99_000));
    refusals.add(io.guardbee.pki.Reason.TOKEN_WRONG, entry("d-1"));
    assertThat(refusals.take(false)).isEmpty(); // its minute is not over
    assertThat(refusals.take(true)).hasSize(1);
  }
}
