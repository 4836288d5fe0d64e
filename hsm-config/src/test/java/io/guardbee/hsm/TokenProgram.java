package io.guardbee.hsm;

import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.RefusedException;
import java.nio.file.Path;
import java.security.Signature;

/** A process of its own that prepares a directory, finds or makes a key and signs with it. */
public final class TokenProgram {

  private TokenProgram() {}

  /**
   * Prints {@code signed}, or the refusal on stderr.
   *
   * @param args directory, token label, key label
   */
  public static void main(String[] args) throws Exception {
    try (Token token = Token.open(SoftHsm.prepare(Path.of(args[0]), args[1]))) {
      TokenKey key = token.find(args[2]).orElseGet(() -> token.generate(args[2], KeyType.EC_P256));
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(key.privateKey());
      signer.update((byte) 1);
      signer.sign();
      System.out.println("signed");
    } catch (RefusedException e) {
      System.err.println(e.line());
      System.exit(1);
    }
  }
}
