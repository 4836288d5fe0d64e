package io.guardbee.service.profile;

import java.util.Locale;

/** The rights by which a certificate may be had. */
public enum Way {
  /** A one-time token. */
  TOKEN,
  /** The certificate that the device was born with (IEEE 802.1AR IDevID). */
  MANUFACTURER,
  /** A certificate shared by a model or a line. */
  CLAIM,
  /** A registration authority that vouches for the device. */
  STATION,
  /** An operator who vouches for the device. */
  OPERATOR,
  /** The device's certificate that is good now. */
  CURRENT,
  /** The device's certificate that has ended not long ago. */
  EXPIRED,
  /** This installation's own certificates; never configured. */
  INSTALLATION;

  /** As configuration and records write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
