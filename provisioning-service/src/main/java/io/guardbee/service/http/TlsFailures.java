package io.guardbee.service.http;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempt;
import io.guardbee.service.attempt.Attempt.Door;
import io.guardbee.service.attempt.Attempts;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records why TLS handshakes failed, in words that help who looks after the device. */
final class TlsFailures implements SslHandshakeListener {

  private static final Logger LOG = LoggerFactory.getLogger(TlsFailures.class);

  private final Attempts attempts;

  TlsFailures(Attempts attempts) {
    this.attempts = attempts;
  }

  @Override
  public void handshakeFailed(Event event, Throwable failure) {
    if (!(failure instanceof SSLException)) {
      return; // the peer went away: nobody was refused
    }
    String said = String.valueOf(failure.getMessage());
    RefusedException why =
        new RefusedException(
            Reason.TLS_FAILED,
            "the TLS handshake failed: " + Quoted.failure(failure),
            nextStep(said));
    String address = Arrivals.addressOf(event.getEndPoint());
    if (attempts.record(new Attempt(Door.TLS, address, null, "TLS handshake", why))) {
      LOG.warn("refused a TLS handshake of {}: {}", address, why.line());
    }
  }

  /** By the words of JSSE, which has no others. */
  private static String nextStep(String said) {
    if (said.contains("fatal alert") && said.matches("(?s).*(unknown_ca|certificate).*")) {
      return "the client does not believe this service: give it ca/root.pem, and use a name of it";
    }
    if (said.contains("Unsupported or unrecognized SSL message")) {
      return "speak TLS on this port: begin the address with https://";
    }
    return "use TLS 1.3, or 1.2 with ECDHE and AES-GCM";
  }
}
