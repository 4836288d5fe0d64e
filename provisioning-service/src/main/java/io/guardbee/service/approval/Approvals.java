package io.guardbee.service.approval;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import io.guardbee.service.issuance.Application;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.profile.Way;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Agreement beyond the grant, where a profile wants it. It is for one device and one key, and good
 * for one certificate. What was decided is on record, so that any replica knows it, after any
 * crash. Thread-safe.
 */
public final class Approvals {

  private static final Duration UNDER_WAY = Duration.ofSeconds(1);

  private final Parts parts;
  private final Duration retryAfter;
  private final @Nullable Webhook webhook;
  private final Set<String> asking = ConcurrentHashMap.newKeySet();

  /** What it stands on. */
  public record Parts(Database database, Issuance issuance, Clock clock) {}

  private Approvals(Parts parts, Duration retryAfter, @Nullable Webhook webhook) {
    this.parts = parts;
    this.retryAfter = retryAfter;
    this.webhook = webhook;
  }

  /**
   * Prepares; asks nobody yet.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a profile wants a webhook
   *     and there is none, or its files do not do
   */
  public static Approvals open(Parts parts, Config.Approval config, Home home, Profiles profiles)
      throws IOException {
    boolean configured = !config.webhook().url().isBlank();
    for (Profile profile : profiles.all()) {
      if (profile.approval() == Profile.Approval.WEBHOOK && !configured) {
        throw new RefusedException(
            Reason.CONFIGURATION_INVALID,
            "profiles." + profile.name() + ".approval is webhook but approval.webhook.url is empty",
            "set approval.webhook.url and secretFile in config.yaml, or another approval");
      }
    }
    return new Approvals(
        parts,
        config.retryAfter(),
        configured ? Webhook.open(config, home.directory(), parts.clock()) : null);
  }

  /**
   * Returns when nothing stands in the way: the profile wants no approval, the right needs none, or
   * it was given. A renewal needs none, nor does what an operator sends in.
   *
   * @param address whence the request came
   * @throws RefusedException {@link Reason#APPROVAL_PENDING}, {@link Reason#APPROVAL_DENIED},
   *     {@link Reason#APPROVAL_UNAVAILABLE}; {@link Reason#KEY_NOT_SAME} when another key of the
   *     device waits by the same right; or what issuance would say anyway: nobody is troubled with
   *     a request that cannot succeed
   */
  public void require(Application application, String address) {
    Profile.Approval rule = application.profile().approval();
    if (rule == Profile.Approval.AUTOMATIC || !isFirst(application.entitlement().way())) {
      return;
    }
    if (parts.issuance().foresee(application)) {
      return; // an answer got lost: it has its certificate, and gets the same
    }
    Petition petition = Petition.of(application, address);
    Entry entry = rule == Profile.Approval.MANUAL ? entered(petition) : asked(petition);
    refuseUnlessApproved(entry);
  }

  /** Whether somebody new is let in; the others were before. */
  private static boolean isFirst(Way way) {
    return switch (way) {
      case TOKEN, MANUFACTURER, CLAIM, STATION -> true;
      case OPERATOR, CURRENT, EXPIRED, INSTALLATION -> false;
    };
  }

  private Entry entered(Petition petition) {
    return transact(
        book -> {
          Optional<Entry> present = present(book, petition);
          if (present.isEmpty()) {
            book.enter(petition);
          }
          return present.or(() -> book.find(petition)).orElseThrow();
        });
  }

  private Entry asked(Petition petition) {
    Optional<Entry> present = transact(book -> present(book, petition));
    if (present.isPresent() && !present.get().is(Entry.PENDING)) {
      return present.get();
    }
    String who = petition.deviceId() + " " + petition.right();
    if (!asking.add(who)) {
      throw new RefusedException(
          Reason.REQUEST_UNDER_WAY,
          "the webhook is being asked about " + petition.deviceId() + " at this moment",
          "send the same request again in a second",
          UNDER_WAY);
    }
    try {
      Ruling ruling = Objects.requireNonNull(webhook, "checked at start").ask(petition);
      return transact(book -> ruled(book, petition, ruling));
    } finally {
      asking.remove(who);
    }
  }

  /** What an operator or another replica has decided meanwhile stands. */
  private static Entry ruled(ApprovalBook book, Petition petition, Ruling ruling) {
    Optional<Entry> present = present(book, petition);
    if (present.isEmpty() && ruling.state().equals(Entry.PENDING)) {
      book.enter(petition);
    } else if (!ruling.state().equals(Entry.PENDING)
        && present.map(entry -> entry.is(Entry.PENDING)).orElse(true)) {
      book.rule(petition, ruling);
    }
    return book.find(petition).orElseThrow();
  }

  private static Optional<Entry> present(ApprovalBook book, Petition petition) {
    Optional<Entry> present = book.find(petition);
    present.filter(entry -> !entry.is(Entry.DENIED)).ifPresent(entry -> refuse(entry, petition));
    return present;
  }

  /** What was asked for is what is decided on: nothing may take its place unseen. */
  private static void refuse(Entry entry, Petition petition) {
    if (!entry.key().equals(petition.key().toString())) {
      throw otherKey(petition.deviceId(), petition.key(), entry);
    }
    if (!entry.profile().equals(petition.profile())) {
      throw new RefusedException(
          Reason.PROFILE_NOT_GRANTED,
          petition.deviceId() + " asked for profile " + entry.profile() + " before",
          "ask for that, or have the operator decide first: guardbee device deny "
              + petition.deviceId());
    }
  }

  private static RefusedException otherKey(DeviceId deviceId, Fingerprint key, Entry entry) {
    return new RefusedException(
        Reason.KEY_NOT_SAME,
        "device " + deviceId + " asked with key " + entry.key() + ", this is " + key,
        "send the same request again, or start anew: guardbee device deny "
            + deviceId
            + ", then guardbee device grant "
            + deviceId);
  }

  private void refuseUnlessApproved(Entry entry) {
    if (entry.is(Entry.PENDING)) {
      throw new RefusedException(
          Reason.APPROVAL_PENDING,
          "device " + entry.deviceId() + " with key " + entry.key() + " waits for approval",
          "send the same request again later, when the operator has run guardbee device approve "
              + entry.deviceId(),
          retryAfter);
    }
    if (!entry.is(Entry.APPROVED)) {
      String who = Ruling.WEBHOOK.equals(entry.decidedBy()) ? "webhook" : "operator";
      throw new RefusedException(
          Reason.APPROVAL_DENIED,
          "the "
              + who
              + " denied device "
              + entry.deviceId()
              + " its certificate"
              + (entry.reason() == null ? "" : ": " + entry.reason()),
          "ask the operator for a new grant: guardbee device grant " + entry.deviceId());
    }
  }

  /** Those that wait for a decision, oldest first. */
  public List<Entry> pending(long after, int limit) {
    return transact(book -> book.pending(after, limit));
  }

  /** What is on record of that device and has not led to a certificate yet. */
  public List<Entry> of(DeviceId deviceId) {
    return transact(book -> book.of(deviceId));
  }

  /**
   * Approves that device with that key, and no other; doing it again changes nothing. May follow a
   * denial.
   *
   * @throws RefusedException {@link Reason#NOT_FOUND}, {@link Reason#KEY_NOT_SAME}
   */
  public List<Entry> approve(DeviceId deviceId, Fingerprint key, String operator) {
    return decide(deviceId, key, Ruling.of(Entry.APPROVED, operator, null));
  }

  /**
   * Denies that device, until it has a new grant; may follow an approval that was not used yet.
   *
   * @param key null for whichever keys it asks with
   * @param reason told to the device
   * @throws RefusedException {@link Reason#NOT_FOUND}, {@link Reason#KEY_NOT_SAME}
   */
  public List<Entry> deny(
      DeviceId deviceId, @Nullable Fingerprint key, String operator, @Nullable String reason) {
    return decide(deviceId, key, Ruling.of(Entry.DENIED, operator, reason));
  }

  private List<Entry> decide(DeviceId deviceId, @Nullable Fingerprint key, Ruling ruling) {
    return transact(
        book -> {
          List<Entry> all = book.of(deviceId);
          if (all.isEmpty()) {
            throw new RefusedException(
                Reason.NOT_FOUND,
                "no request of device " + deviceId + " waits for approval",
                "see guardbee device pending");
          }
          List<Entry> meant =
              all.stream()
                  .filter(entry -> key == null || entry.key().equals(key.toString()))
                  .toList();
          if (meant.isEmpty()) {
            throw otherKey(deviceId, Objects.requireNonNull(key), all.get(0));
          }
          meant.stream()
              .filter(entry -> !entry.is(ruling.state()))
              .forEach(entry -> book.rule(entry.id(), ruling));
          return book.of(deviceId).stream()
              .filter(entry -> meant.stream().anyMatch(one -> one.id() == entry.id()))
              .toList();
        });
  }

  private <T> T transact(Function<ApprovalBook, T> work) {
    return parts
        .database()
        .transact(tx -> work.apply(new ApprovalBook(tx, parts.clock().instant(), retryAfter)));
  }
}
