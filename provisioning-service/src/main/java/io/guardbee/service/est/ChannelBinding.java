package io.guardbee.service.est;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.request.CertificateRequest;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Links a request to the TLS connection that it comes by (RFC 7030 §3.5): nobody who got hold of a
 * signed request can send it as his own. The client puts the base64 of the connection's value into
 * challengePassword.
 *
 * <p>In TLS 1.3 the value is {@code tls-exporter} (RFC 9266 §4.1), which Java tells from 25 on. The
 * {@code tls-unique} of TLS 1.2 no Java tells. Where there is no value to compare with, a
 * challengePassword says nothing and stands in nobody's way.
 */
final class ChannelBinding {

  private static final String LABEL = "EXPORTER-Channel-Binding";
  private static final int OCTETS = 32;
  private static final Optional<MethodHandle> EXPORT = export();

  /** Of a connection that has no value, as far as this Java tells. */
  static final ChannelBinding NONE = new ChannelBinding(null);

  private final byte @Nullable [] value;

  private ChannelBinding(byte @Nullable [] value) {
    this.value = value;
  }

  private static Optional<MethodHandle> export() {
    try {
      return Optional.of(
          MethodHandles.publicLookup()
              .findVirtual(
                  ExtendedSSLSession.class,
                  "exportKeyingMaterialData",
                  MethodType.methodType(byte[].class, String.class, byte[].class, int.class)));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return Optional.empty(); // before Java 25
    }
  }

  /** The value of that session. */
  static ChannelBinding of(@Nullable SSLSession session) {
    if (EXPORT.isPresent()
        && session instanceof ExtendedSSLSession extended
        && session.getProtocol().equals("TLSv1.3")) {
      try {
        return new ChannelBinding(
            (byte[]) EXPORT.get().invoke(extended, LABEL, new byte[0], OCTETS));
      } catch (Throwable e) { // what a method handle declares; no value is the worst that follows
        if (e instanceof Error error) {
          throw error;
        }
      }
    }
    return NONE;
  }

  /** Whether clients should send it. */
  boolean isKnown() {
    return value != null;
  }

  /**
   * Compares a request's challengePassword where it can be such a value; a password of any other
   * form is a password.
   *
   * @throws RefusedException {@link Reason#BINDING_MISMATCH} when it is another connection's
   */
  void require(CertificateRequest request) {
    Optional<byte[]> told = request.challengePassword().flatMap(ChannelBinding::octets);
    if (value != null && told.isPresent() && !MessageDigest.isEqual(value, told.get())) {
      throw new RefusedException(
          Reason.BINDING_MISMATCH,
          "the request's challengePassword is the tls-exporter value of another connection",
          "make the request anew for each connection, or leave challengePassword out");
    }
  }

  private static Optional<byte[]> octets(String base64) {
    try {
      return Optional.of(Base64.getDecoder().decode(base64.strip()))
          .filter(octets -> octets.length == OCTETS);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
