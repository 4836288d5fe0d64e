package io.guardbee.service.attempt;

import io.guardbee.pki.Fingerprint;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The table {@code refusal}. Thread-safe. */
final class RefusalTable {

  /** A one-time token; whoever mixes up user and password claims to be one. */
  private static final Pattern LIKE_A_TOKEN = Pattern.compile("[A-Za-z0-9_-]{32}");

  private static final String HIDDEN = "***";
  private static final int LONGEST_DETAIL = 600;
  private static final int LONGEST_STEP = 400;

  private final Database database;

  RefusalTable(Database database) {
    this.database = database;
  }

  void write(List<Window.Entry> entries) {
    database.transact(
        tx -> {
          Set<String> tokens = tokensAmong(tx, entries);
          insert(tx, entries.stream().filter(Window.Entry::fresh).toList(), tokens);
          count(tx, entries.stream().filter(entry -> !entry.fresh()).toList());
          return entries.size();
        });
  }

  private static Set<String> tokensAmong(Handle tx, List<Window.Entry> entries) {
    Set<String> tokens = new HashSet<>();
    for (Window.Entry entry : entries) {
      String claimed = entry.attempt().claimed();
      if (claimed != null && LIKE_A_TOKEN.matcher(claimed).matches()) {
        byte[] octets = claimed.getBytes(StandardCharsets.UTF_8);
        tx.createQuery("select 1 from enrolment_token where hash = :hash")
            .bind("hash", Fingerprint.of(octets).hex())
            .mapTo(Integer.class)
            .findOne()
            .ifPresent(found -> tokens.add(claimed));
      }
    }
    return tokens;
  }

  private static void insert(Handle tx, List<Window.Entry> entries, Set<String> tokens) {
    if (entries.isEmpty()) {
      return;
    }
    PreparedBatch rows =
        tx.prepareBatch(
            "insert into refusal (id, door, address, claimed, request, reason, detail, next_step,"
                + " first_at, last_at, times) values (:id, :door, :address, :claimed, :request,"
                + " :reason, :detail, :nextStep, :first, :last, :times)");
    for (Window.Entry entry : entries) {
      Attempt attempt = entry.attempt();
      String claimed = attempt.claimed();
      boolean secret = claimed != null && tokens.contains(claimed);
      rows.bind("id", entry.id())
          .bind("door", attempt.door().toString())
          .bind("address", attempt.address())
          .bind("claimed", secret ? HIDDEN : claimed)
          .bind("request", hide(attempt.request(), secret ? claimed : null))
          .bind("reason", attempt.why().reason().toString())
          .bind("detail", stored(attempt.why().detail(), LONGEST_DETAIL, secret ? claimed : null))
          .bind("nextStep", stored(attempt.why().nextStep(), LONGEST_STEP, secret ? claimed : null))
          .bind("first", Sql.utc(entry.first()))
          .bind("last", Sql.utc(entry.last()))
          .bind("times", entry.times())
          .add();
    }
    rows.execute();
  }

  /** PostgreSQL takes no NUL in a text. */
  private static String stored(String text, int longest, @Nullable String secret) {
    return Attempt.cut(hide(text.replace('\0', ' '), secret), longest);
  }

  private static String hide(String text, @Nullable String secret) {
    return secret == null ? text : text.replace(secret, HIDDEN);
  }

  private static void count(Handle tx, List<Window.Entry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    PreparedBatch rows = tx.prepareBatch("update refusal set last_at = ?, times = ? where id = ?");
    entries.forEach(entry -> rows.add(Sql.utc(entry.last()), entry.times(), entry.id()));
    rows.execute();
  }

  /** Removes the oldest beyond that many. */
  int keep(int most) {
    return database.transact(
        tx -> {
          Optional<OffsetDateTime> newestToGo =
              tx.createQuery(
                      "select last_at from refusal order by last_at desc"
                          + " offset :most rows fetch next 1 rows only")
                  .bind("most", most)
                  .mapTo(OffsetDateTime.class)
                  .findOne();
          return newestToGo.isEmpty()
              ? 0
              : tx.execute("delete from refusal where last_at <= ?", newestToGo.get());
        });
  }

  List<Past> newest(String claimed, int most) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select * from refusal where claimed = :claimed order by last_at desc"
                        + " fetch next :most rows only")
                .bind("claimed", claimed)
                .bind("most", most)
                .map((row, context) -> past(row))
                .list());
  }

  private static Past past(ResultSet row) throws SQLException {
    return new Past(
        Sql.instant(row, "first_at"),
        Sql.instant(row, "last_at"),
        row.getInt("times"),
        row.getString("door"),
        row.getString("address"),
        row.getString("claimed"),
        row.getString("request"),
        row.getString("reason"),
        row.getString("detail"),
        row.getString("next_step"));
  }
}
