package io.guardbee.service.issuance;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.issuance.Facts.Known;
import io.guardbee.service.profile.Way;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What a certificate may still renew, by the certificates that the same authority issued to its
 * device after it. A predecessor may replace successors that nobody has used: the answer that
 * carried them may be lost with their key. Once one of them is in use, or the overlap is over, only
 * the identical request is repeated.
 */
record Succession(Facts facts, ToBeSigned request, Entitlement.PresentCertificate shown) {

  private static final Duration UNDER_WAY = Duration.ofSeconds(1);
  private static final Set<String> RENEWALS =
      Set.of(Way.CURRENT.toString(), Way.EXPIRED.toString());

  /** Whether that certificate was issued for the one before it. */
  static boolean isRenewal(Known known) {
    return RENEWALS.contains(known.right().way());
  }

  /**
   * The record of the certificate shown.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_REVOKED}
   */
  Known own() {
    return facts
        .certificate(shown, device())
        .filter(known -> known.isIssued() || known.life().superseded())
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.CERTIFICATE_REVOKED,
                    "certificate " + shown.serial() + " of " + device() + " is no longer good",
                    "ask the operator for a new grant"));
  }

  /**
   * Refuses every request that is not for the first successor, or for another one in place of
   * successors that nobody has used.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_SUPERSEDED}, {@link
   *     Reason#PROFILE_NOT_GRANTED}, {@link Reason#REQUEST_UNDER_WAY}
   */
  void requireRenewable(Instant now) {
    Known own = own();
    List<Known> later = later(own);
    refuseOtherProfile(later);
    if (own.life().isOver(now)) {
      throw superseded(later, "its time ended with the overlap");
    }
    if (later.stream().anyMatch(known -> known.life().used())) {
      throw superseded(later, "its successor is in use");
    }
    // the expired certificate whose renewal was recorded by any request has used its grace
    if (shown.way() == Way.EXPIRED && later.stream().anyMatch(this::isByGrace)) {
      throw superseded(later, "its grace was used");
    }
    if (own.life().ends() != null && later.isEmpty()) {
      throw superseded(later, "its successor has ended");
    }
    refuseUnderWay();
  }

  /** Serials of the successors that nobody has used: they end when another one is issued. */
  List<String> replaced(Instant now) {
    return later(own()).stream()
        .filter(known -> known.isIssued() && !known.life().isOver(now))
        .map(Known::serial)
        .toList();
  }

  /** Issued after it, in the order of their issue; a profile may have changed its authority. */
  private List<Known> later(Known own) {
    return facts.certificates(device()).stream()
        .filter(known -> known.issuer().equals(own.issuer()) || isByOwn(known))
        .filter(known -> known.life().number() > own.life().number())
        .sorted(Comparator.comparingInt(known -> known.life().number()))
        .toList();
  }

  private boolean isByOwn(Known known) {
    return isRenewal(known) && shown.reference().equals(known.right().reference());
  }

  private boolean isByGrace(Known known) {
    return known.right().way().equals(Way.EXPIRED.toString()) && isByOwn(known);
  }

  /** The profile of the newest certificate is the device's: an older one does not come back. */
  private void refuseOtherProfile(List<Known> later) {
    String wanted = request.approved().profile().name();
    if (later.isEmpty() || last(later).right().isOfProfile(wanted)) {
      return;
    }
    throw new RefusedException(
        Reason.PROFILE_NOT_GRANTED,
        "certificate "
            + shown.serial()
            + " is of profile "
            + wanted
            + "; device "
            + device()
            + " has another profile since certificate "
            + last(later).serial(),
        "renew with certificate " + last(later).serial() + ", or ask the operator for a grant");
  }

  /** Which of two requests under way is issued last is not known: one waits for the other. */
  private void refuseUnderWay() {
    boolean underWay =
        facts.certificates(device()).stream()
            .anyMatch(known -> known.isUnderWay() && known.issuer().equals(shown.issuer()));
    if (underWay) {
      throw new RefusedException(
          Reason.REQUEST_UNDER_WAY,
          "another certificate for " + device() + " is being issued at this moment",
          "send the request again in a second",
          UNDER_WAY);
    }
  }

  private RefusedException superseded(List<Known> later, String why) {
    String newest = later.isEmpty() ? "the one issued after it" : last(later).serial();
    return new RefusedException(
        Reason.CERTIFICATE_SUPERSEDED,
        "certificate " + shown.serial() + " of " + device() + " renews no more: " + why,
        "use certificate "
            + newest
            + "; if its key is lost ask the operator: guardbee device grant "
            + device());
  }

  private static Known last(List<Known> later) {
    return later.get(later.size() - 1);
  }

  private String device() {
    return request.deviceId().value();
  }
}
