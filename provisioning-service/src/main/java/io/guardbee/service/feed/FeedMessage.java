package io.guardbee.service.feed;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.ceremony.SignedRecord;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One line of the feed. Times are UTC, serials upper-case hexadecimal. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = FeedMessage.Snapshot.class, name = "snapshot"),
  @JsonSubTypes.Type(value = FeedMessage.Status.class, name = "status"),
  @JsonSubTypes.Type(value = FeedMessage.Heartbeat.class, name = "heartbeat"),
  @JsonSubTypes.Type(value = FeedMessage.Trust.class, name = "trust"),
  @JsonSubTypes.Type(value = FeedMessage.Policy.class, name = "policy"),
  @JsonSubTypes.Type(value = FeedMessage.Restored.class, name = "restored"),
  @JsonSubTypes.Type(value = FeedMessage.Signed.class, name = "signed"),
  @JsonSubTypes.Type(value = FeedMessage.Nothing.class, name = "void")
})
public sealed interface FeedMessage {

  /** The status of a certificate that is withdrawn for good. */
  String REVOKED = "revoked";

  /** The status of a certificate whose device is held back. */
  String SUSPENDED = "suspended";

  /** The status of a certificate that is good again. */
  String ACTIVE = "active";

  /** The status of a certificate whose successor is in use: the device itself stays welcome. */
  String SUPERSEDED = "superseded";

  /**
   * A certificate whose status is not plain good; {@code until} is its notAfter.
   *
   * @param subject RFC 4514; only an event tells it, not the whole status
   */
  record CertificateStatus(
      String issuer,
      String serial,
      String deviceId,
      String status,
      Instant until,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String subject) {

    /** One whose subject is not told. */
    public CertificateStatus(
        String issuer, String serial, String deviceId, String status, Instant until) {
      this(issuer, serial, deviceId, status, until, null);
    }
  }

  /**
   * Everything that is in force after that event; replaces what a broker knew.
   *
   * @param feed the id of this event log: another log's numbers mean nothing
   * @param last whether this is the final line of the snapshot
   */
  record Snapshot(String feed, long event, boolean last, List<CertificateStatus> certificates)
      implements FeedMessage {}

  /** A change. */
  record Status(
      long event,
      String deviceId,
      String status,
      String reason,
      List<CertificateStatus> certificates)
      implements FeedMessage {}

  /** Nothing has happened since that event, and the stream lives. */
  record Heartbeat(long event) implements FeedMessage {}

  /**
   * Whom to believe from now on.
   *
   * @param event 0 where it only says what is in force
   * @param roots PEM, self-signed
   * @param issuing PEM; certificates of devices are believed that one of these has signed
   * @param records ceremony records that say which role these have, signed by the root
   * @param crl PEM, the root's list of revoked authorities; empty for none
   */
  record Trust(
      long event,
      List<String> roots,
      List<String> issuing,
      @Nullable List<SignedRecord> records,
      @Nullable String crl)
      implements FeedMessage {

    public Trust {
      roots = List.copyOf(roots);
      issuing = List.copyOf(issuing);
      records = records == null ? List.of() : List.copyOf(records); // of an earlier version
      crl = crl == null ? "" : crl;
    }
  }

  /**
   * A time of which the records are lost since a backup was put back.
   *
   * @param from the first notBefore of certificates that may be missing
   * @param until the first notBefore after it
   */
  record Window(Instant from, Instant until) {}

  /** A certificate of such a time that is on record all the same. */
  record Confirmed(String issuer, String serial) {}

  /**
   * Certificates that begin in one of these windows are refused unless they are confirmed.
   *
   * @param event 0 where it only says what is in force
   * @param windows all that are open
   * @param confirmed some of them in a line of the head; further ones in an event
   */
  record Restored(long event, List<Window> windows, List<Confirmed> confirmed)
      implements FeedMessage {
    public Restored {
      windows = List.copyOf(windows);
      confirmed = List.copyOf(confirmed);
    }
  }

  /**
   * A signature of the line that comes next, or of all lines before.
   *
   * @param statement the signed text
   * @param signature base64
   * @param signer DER in base64
   */
  record Signed(String statement, String signature, String signer) implements FeedMessage {

    static Signed of(FeedStatement signed) {
      return new Signed(signed.text(), signed.signature(), signed.signer());
    }
  }

  /**
   * A version of the policy and what to do with it.
   *
   * @param event 0 where it only says what is in force
   * @param mode {@code enforce}, {@code observe}, {@code foresee} or {@code withdraw}
   * @param text the document; kept with the version, not with the event
   */
  record Policy(long event, long version, String mode, String text) implements FeedMessage {

    Policy with(String document) {
      return new Policy(event, version, mode, document);
    }
  }

  /** An event whose subject is gone meanwhile: only its number is left. */
  record Nothing(long event) implements FeedMessage {}
}
