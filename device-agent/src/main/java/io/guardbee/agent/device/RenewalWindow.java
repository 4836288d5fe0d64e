package io.guardbee.agent.device;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/**
 * When a certificate is to be renewed: from two thirds of its life, spread over the next tenth so
 * that devices enrolled in one hour do not renew in one hour. The spread comes from the serial
 * number, which is random: every process and every start gets the same moment.
 *
 * @param from the earliest moment, two thirds of life
 * @param at the moment for this certificate, at most a tenth of life later
 * @param until the end of life
 */
public record RenewalWindow(Instant from, Instant at, Instant until) {

  private static final int SPREAD_PARTS = 10_000;

  public static RenewalWindow of(X509Certificate certificate) {
    Instant start = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    Duration life = Duration.between(start, until);
    Instant from = start.plus(life.multipliedBy(2).dividedBy(3));
    int part = Math.floorMod(certificate.getSerialNumber().hashCode(), SPREAD_PARTS);
    Duration spread = life.dividedBy(10).multipliedBy(part).dividedBy(SPREAD_PARTS);
    return new RenewalWindow(from, from.plus(spread), until);
  }

  public boolean due(Instant now) {
    return !now.isBefore(at);
  }
}
