package io.guardbee.service.issuance;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.device.Devices;
import io.guardbee.service.issuance.Facts.Known;
import io.guardbee.service.issuance.Facts.Owner;
import io.guardbee.service.profile.Profile.RenewalKey;
import io.guardbee.service.profile.Way;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whether one application may have what it asks for, by the facts. Changes nothing. */
final class Decision {

  private static final Duration UNDER_WAY = Duration.ofSeconds(1);

  private final Facts facts;
  private final ToBeSigned request;
  private final Instant now;
  private final String deviceId;
  private final Entitlement right;

  private Decision(Facts facts, ToBeSigned request, Instant now) {
    this.facts = facts;
    this.request = request;
    this.now = now;
    this.deviceId = request.deviceId().value();
    this.right = request.approved().entitlement();
  }

  /**
   * Decides.
   *
   * @return the certificate that the same request got before, empty when it is to get one now
   * @throws RefusedException what stands against it
   */
  static Optional<Known> on(Facts facts, ToBeSigned request, Instant now) {
    return new Decision(facts, request, now).decide();
  }

  private Optional<Known> decide() {
    refuseSuspendedDevice(); // not even what it had before
    Optional<Known> before = sameRequest();
    if (before.isPresent()) {
      return before;
    }
    refuseRevokedDevice();
    refuseUsedRight();
    refuseKey();
    return Optional.empty();
  }

  /** A lost answer is asked for again: the same key by the same right, and still good for long. */
  private Optional<Known> sameRequest() {
    List<Known> same =
        facts.certificates(deviceId).stream()
            .filter(known -> known.keyHash().equals(request.keyHash()))
            .filter(this::isByThisWay)
            .filter(known -> right.way() == Way.OPERATOR || isByThisRight(known))
            .filter(known -> known.isLive(now))
            .toList();
    if (same.stream().anyMatch(Known::isUnderWay)) {
      throw new RefusedException(
          Reason.REQUEST_UNDER_WAY,
          "the same request for " + deviceId + " is being answered at this moment",
          "send it again in a second",
          UNDER_WAY);
    }
    return same.stream().filter(known -> isFresh(known)).reduce((first, second) -> second);
  }

  private boolean isByThisRight(Known known) {
    return right.reference().equals(known.right().reference());
  }

  /** A certificate that ends between two requests still makes them the same. */
  private boolean isByThisWay(Known known) {
    return right instanceof Entitlement.PresentCertificate
        ? Succession.isRenewal(known)
        : known.right().way().equals(right.way().toString());
  }

  private boolean isFresh(Known known) {
    Instant due =
        request
            .approved()
            .profile()
            .renewal()
            .due(known.life().notBefore(), known.life().notAfter());
    return right.way() == Way.TOKEN || now.isBefore(due);
  }

  /** Whatever the right: an operator who wants it in reinstates it. */
  private void refuseSuspendedDevice() {
    if (facts.isSuspended(deviceId)) {
      throw Devices.suspended(request.deviceId());
    }
  }

  private void refuseRevokedDevice() {
    boolean decidedByOperator =
        switch (right.way()) {
          case TOKEN, OPERATOR, INSTALLATION -> true;
          case MANUFACTURER, CLAIM, STATION, CURRENT, EXPIRED -> false;
        };
    if (facts.isRevoked(deviceId) && !decidedByOperator) {
      throw new RefusedException(
          Reason.DEVICE_REVOKED,
          "device " + deviceId + " has been revoked",
          "ask the operator for a new grant: guardbee device grant " + deviceId);
    }
  }

  private void refuseUsedRight() {
    if (right instanceof Entitlement.Token token) {
      refuseToken(token);
    } else if (right instanceof Entitlement.PresentCertificate shown) {
      refuseShown(shown);
    } else {
      switch (right.way()) {
        case OPERATOR, STATION -> refuseSecond();
        case CLAIM -> refuseExisting();
        case MANUFACTURER -> refuseOthers();
        default -> {} // the right decides in its take()
      }
    }
  }

  private void refuseToken(Entitlement.Token token) {
    boolean used = facts.certificates(deviceId).stream().anyMatch(this::isByThisRight);
    boolean open =
        facts
            .token(token)
            .map(row -> !row.withdrawn() && now.isBefore(row.expires()))
            .orElse(false);
    if (used || !open) {
      throw new RefusedException(
          used ? Reason.TOKEN_USED : Reason.TOKEN_EXPIRED,
          "the token for "
              + deviceId
              + (used ? " was used for another key" : " expired or was withdrawn meanwhile"),
          "ask the operator for a new one: guardbee device grant " + deviceId);
    }
  }

  private void refuseShown(Entitlement.PresentCertificate shown) {
    Succession succession = new Succession(facts, request, shown);
    Known known = succession.own();
    succession.requireRenewable(now);
    boolean sameKey = known.keyHash().equals(request.keyHash());
    RenewalKey wanted = request.approved().profile().renewal().key();
    if (wanted == RenewalKey.NEW && sameKey) {
      throw new RefusedException(
          Reason.KEY_NOT_NEW,
          "the request is for the key of certificate " + shown.serial(),
          "make a new key for each renewal: the profile wants it");
    }
    if (wanted == RenewalKey.SAME && !sameKey) {
      throw new RefusedException(
          Reason.KEY_NOT_SAME,
          "the request is for another key than certificate " + shown.serial(),
          "keep the key of the present certificate: the profile wants it");
    }
  }

  private void refuseSecond() {
    facts.certificates(deviceId).stream()
        .filter(known -> known.isLive(now))
        .findFirst()
        .ifPresent(
            live -> {
              throw exists(live.serial() + " for another key");
            });
  }

  private void refuseExisting() {
    if (facts.isKnown(deviceId) && !facts.certificates(deviceId).isEmpty()) {
      throw exists(facts.certificates(deviceId).get(0).serial());
    }
  }

  /** A birth certificate comes again for its own device only; the rest it decides in its take(). */
  private void refuseOthers() {
    if (facts.certificates(deviceId).stream().noneMatch(this::isByThisRight)) {
      refuseExisting();
    }
  }

  private RefusedException exists(String what) {
    return new RefusedException(
        Reason.DEVICE_EXISTS,
        "device " + deviceId + " already has certificate " + what,
        "revoke it first: guardbee device revoke " + deviceId);
  }

  private void refuseKey() {
    Optional<Owner> owner = facts.owner(request.keyHash());
    if (owner.isPresent() && owner.get().revoked()) {
      throw new RefusedException(
          Reason.KEY_REVOKED,
          "key sha256:" + request.keyHash() + " has been revoked",
          "make a new key and a new request");
    }
    if (owner.isPresent() && !deviceId.equals(owner.get().deviceId())) {
      throw new RefusedException(
          Reason.KEY_BOUND_TO_OTHER_DEVICE,
          "key sha256:" + request.keyHash() + " belongs to another device",
          "make a key of its own for device " + deviceId);
    }
  }
}
