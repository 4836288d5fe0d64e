package io.guardbee.service.limit;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many requests one address and one device may make. Nothing here is proven, so a device is
 * counted together with the address that speaks for it: who claims another's name from elsewhere
 * cannot use up what is its due. Thread-safe, never waits.
 */
public final class Rates {

  private static final int MOST_KEYS = 65_536; // about 10 MB

  private final int perAddress;
  private final int perIdentity;
  private final int handshakesPerAddress;
  private final Rate addresses;
  private final Rate identities;
  private final Rate handshakes;

  /**
   * How much in a minute; 0 for no limit.
   *
   * @param requests of one address
   * @param enrolments of one device from one address
   * @param handshakes of one address
   */
  public record PerMinute(int requests, int enrolments, int handshakes) {}

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public Rates(PerMinute most, LongSupplier nanoTime) {
    this.perAddress = most.requests();
    this.perIdentity = most.enrolments();
    this.handshakesPerAddress = most.handshakes();
    this.addresses = new Rate(perAddress, MOST_KEYS, nanoTime);
    this.identities = new Rate(perIdentity, MOST_KEYS, nanoTime);
    this.handshakes = new Rate(handshakesPerAddress, MOST_KEYS, nanoTime);
  }

  /**
   * Counts a request from that address.
   *
   * @throws RefusedException {@link Reason#RATE_LIMITED}, with the time to wait
   */
  public void admit(String address) {
    Network network = Network.of(address);
    refuse(
        addresses.take(network.text()),
        "address " + network + " makes more than " + perAddress + " requests a minute",
        "limits.perAddress");
  }

  /**
   * Counts a TLS handshake.
   *
   * @throws RefusedException {@link Reason#RATE_LIMITED}, with the time to wait
   */
  public void admitHandshake(Network network) {
    refuse(
        handshakes.take(network.text()),
        "address " + network + " makes more than " + handshakesPerAddress + " handshakes a minute",
        "limits.handshakesPerAddress");
  }

  /**
   * Counts an enrolment.
   *
   * @param identity as claimed
   * @throws RefusedException {@link Reason#RATE_LIMITED}, with the time to wait
   */
  public void admit(String identity, String address) {
    refuse(
        identities.take(identity + ' ' + Network.of(address)),
        Quoted.of(identity) + " asks for more than " + perIdentity + " enrolments a minute",
        "limits.perIdentity");
  }

  private static void refuse(Duration wait, String detail, String setting) {
    if (!wait.isZero()) {
      Duration rounded = Duration.ofSeconds(wait.plusNanos(999_999_999).toSeconds());
      throw new RefusedException(
          Reason.RATE_LIMITED,
          detail,
          "come back after " + rounded.toSeconds() + " s; the limit is " + setting,
          rounded);
    }
  }
}
