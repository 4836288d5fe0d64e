package io.guardbee.service.feed;

import io.guardbee.pki.Pem;
import io.guardbee.pki.ceremony.SignedRecord;
import io.guardbee.service.store.Database;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells brokers whom to believe when that is not what they were told last: a rollover and the end
 * of an authority reach them without a file being touched. Thread-safe.
 */
public final class TrustNotice {

  private static final Logger LOG = LoggerFactory.getLogger(TrustNotice.class);

  private final Database database;
  private final EventLog log;
  private final JsonMapper json;

  public TrustNotice(Database database, EventLog log, JsonMapper json) {
    this.database = database;
    this.log = log;
    this.json = json;
  }

  /**
   * The authorities of a home.
   *
   * @param generation grows with each ceremony: of two homes, the greater one knows more
   * @param issuing all whose device certificates are believed
   * @param records ceremony records that say so, signed by the root
   * @param crl PEM, the root's list of revoked authorities; empty for none
   */
  public record Believed(
      long generation,
      List<X509Certificate> roots,
      List<X509Certificate> issuing,
      List<SignedRecord> records,
      String crl) {
    public Believed {
      records = List.copyOf(records);
      roots = List.copyOf(roots);
      issuing = List.copyOf(issuing);
    }
  }

  /**
   * Tells of them. A home that was not brought up to date does not take back what another replica
   * has told: an authority that was retired stays retired.
   *
   * @return the event that tells it; empty when nothing is new
   */
  public OptionalLong tell(Believed believed) {
    FeedMessage.Trust trust =
        new FeedMessage.Trust(
            0, pem(believed.roots()), pem(believed.issuing()), believed.records(), believed.crl());
    String body = json.writeValueAsString(trust);
    return database.transact(tx -> tell(tx, believed.generation(), trust, body));
  }

  private static List<String> pem(List<X509Certificate> certificates) {
    return certificates.stream().map(Pem::certificate).toList();
  }

  private record Told(long generation, String body) {}

  private OptionalLong tell(Handle tx, long generation, FeedMessage.Trust trust, String body) {
    Told told =
        tx.createQuery("select generation, body from feed_trust where id = 1 for update")
            .map((row, context) -> new Told(row.getLong("generation"), row.getString("body")))
            .one();
    if (generation < told.generation()) {
      if (!told.body().equals(body)) {
        LOG.warn(
            "ca/ of this home has {} ceremonies, brokers were told of {}: copy ca/ from the home of"
                + " the replica where the last one was held, and start again",
            generation,
            told.generation());
      }
      return OptionalLong.empty();
    }
    tx.execute("update feed_trust set generation = ?, body = ? where id = 1", generation, body);
    return told.body().equals(body)
        ? OptionalLong.empty()
        : OptionalLong.of(
            log.append(
                tx,
                event ->
                    new FeedMessage.Trust(
                        event, trust.roots(), trust.issuing(), trust.records(), trust.crl())));
  }
}
