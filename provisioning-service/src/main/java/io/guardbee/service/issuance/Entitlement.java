package io.guardbee.service.issuance;

import io.guardbee.pki.Serial;
import java.util.UUID;

/** By what right a certificate is issued; recorded with it. */
public sealed interface Entitlement {

  /** A one-time token, used up by the reservation. */
  record Token(UUID id) implements Entitlement {}

  /** The device's current certificate: a renewal. */
  record CurrentCertificate(Serial serial) implements Entitlement {}

  /** An operator who vouches for the device, as a factory line does. */
  record Operator(String name) implements Entitlement {}

  /** This installation's own server, broker or operator. */
  record Installation() implements Entitlement {}
}
