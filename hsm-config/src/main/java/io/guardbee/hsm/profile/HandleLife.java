package io.guardbee.hsm.profile;

/** How long the handle of an object that lies in the token may be used. */
public enum HandleLife {
  /** In the session that found it; the safe assumption. */
  SESSION,

  /** In every session until the login or the connection ends, or the library is finalised. */
  CONNECTION
}
