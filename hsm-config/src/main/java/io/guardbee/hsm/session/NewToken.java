package io.guardbee.hsm.session;

import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.CryptokiException;

/** Makes a token of a blank slot: everything that was in it is gone. */
public final class NewToken {

  private NewToken() {}

  /**
   * C_InitToken, then C_InitPIN as security officer.
   *
   * @param label at most 32 characters
   */
  public static void make(
      Library library, long slot, char[] securityOfficerPin, String label, Pin user)
      throws CryptokiException {
    library.shared(
        () -> {
          library.cryptoki().initToken(slot, securityOfficerPin, label);
          return slot;
        });
    finish(library, slot, securityOfficerPin, user);
  }

  /** C_InitPIN alone: for a token whose making was cut off before it had a user PIN. */
  public static void finish(Library library, long slot, char[] securityOfficerPin, Pin user)
      throws CryptokiException {
    library.shared(
        () -> {
          Cryptoki cryptoki = library.cryptoki();
          long session = cryptoki.openSession(slot);
          try {
            cryptoki.login(session, Ck.CKU_SO, securityOfficerPin);
            cryptoki.initPin(session, user.characters());
            cryptoki.logout(session);
          } finally {
            cryptoki.closeSession(session);
          }
          return slot;
        });
  }
}
