package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Serial;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.profile.Way;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * By what right a certificate is issued; recorded with it. The ledger itself knows the rules of
 * tokens, certificates and operators; further rights bring their own in {@link #take}.
 */
public interface Entitlement {

  Way way();

  /**
   * What names this right, at most 128 characters: by it the same request is known again, and the
   * right is known as used.
   */
  String reference();

  /**
   * Takes what this right has to give, in the transaction of the reservation, the device's row
   * locked. Whatever it writes must be void once the certificate is abandoned, or harmless.
   *
   * @throws io.guardbee.pki.RefusedException when there is nothing to take; before it writes
   */
  default void take(Handle tx, DeviceId deviceId) {}

  /** A one-time token. */
  record Token(UUID id) implements Entitlement {
    @Override
    public Way way() {
      return Way.TOKEN;
    }

    @Override
    public String reference() {
      return id.toString();
    }
  }

  /**
   * The device's present certificate: a renewal.
   *
   * @param way {@link Way#CURRENT}, or {@link Way#EXPIRED} within the grace of its profile
   */
  record PresentCertificate(Way way, String issuer, Serial serial) implements Entitlement {
    @Override
    public String reference() {
      return serial.toString();
    }
  }

  /** An operator who vouches for the device. */
  record Operator(String name) implements Entitlement {
    @Override
    public Way way() {
      return Way.OPERATOR;
    }

    @Override
    public String reference() {
      return name;
    }
  }

  /**
   * This installation's own server, broker or operator.
   *
   * @param by who asked for it
   */
  record Installation(String reference, Actor by) implements Entitlement {

    private static final int LONGEST = 128;

    /** One that nobody looks for. */
    Installation() {
      this("", Actor.SERVICE);
    }

    @Override
    public Way way() {
      return Way.INSTALLATION;
    }

    /**
     * What the certificates of a role are found by; no other right is called so.
     *
     * @param role such as {@code operator}
     */
    public static String reference(String role) {
      return "#" + role;
    }

    /** What the certificates of a broker's listeners are found by. */
    public static String listener(String broker) {
      String text = "#listener " + broker;
      return text.substring(0, Math.min(text.length(), LONGEST));
    }
  }
}
