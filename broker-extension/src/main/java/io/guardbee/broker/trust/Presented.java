package io.guardbee.broker.trust;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.security.cert.X509Certificate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a certificate that nobody vouches for is called in logs and reports.
 *
 * @param name the device id where it has one, else its subject made safe
 * @param deviceId null when it has none that reads
 * @param serial upper-case hexadecimal; cut when it is longer than a serial number may be
 */
public record Presented(String name, @Nullable String deviceId, String serial) {

  private static final int LONGEST_SERIAL = 42;

  public static Presented of(X509Certificate certificate) {
    String deviceId = deviceIdOf(certificate);
    String name =
        deviceId == null ? Quoted.of(certificate.getSubjectX500Principal().getName()) : deviceId;
    return new Presented(name, deviceId, serialOf(certificate));
  }

  private static @Nullable String deviceIdOf(X509Certificate certificate) {
    try {
      Subject subject = Subject.of(certificate.getSubjectX500Principal());
      return new Identity(Identity.ISSUING, subject).deviceId().value();
    } catch (RefusedException e) {
      return null;
    }
  }

  private static String serialOf(X509Certificate certificate) {
    String hex = certificate.getSerialNumber().toString(16).toUpperCase(Locale.ROOT);
    String even = hex.length() % 2 == 0 || hex.startsWith("-") ? hex : "0" + hex;
    return even.length() <= LONGEST_SERIAL ? even : even.substring(0, LONGEST_SERIAL) + "…";
  }
}
