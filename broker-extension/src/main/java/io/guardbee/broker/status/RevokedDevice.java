package io.guardbee.broker.status;

import java.util.regex.Pattern;

/**
 * A device that is revoked, as far as the feed tells of it.
 *
 * @param issuer the role of the authority that issued its certificate
 * @param subject of its certificate, RFC 4514; empty where the service does not tell it
 */
public record RevokedDevice(String deviceId, String issuer, String subject) {

  private static final Pattern SEPARATORS = Pattern.compile("[\t\n\r]");

  /** Without what would part a line of a file. */
  public RevokedDevice {
    subject = SEPARATORS.matcher(subject).find() ? "" : subject;
  }
}
