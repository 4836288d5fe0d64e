package io.guardbee.hsm.cli;

import io.guardbee.hsm.uri.Pkcs11Uri;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What the program around these commands knows of a home. */
public interface Installation {

  /**
   * The token of the authorities' keys.
   *
   * @throws io.guardbee.pki.RefusedException when the home has none yet: looking must not make one
   */
  Pkcs11Uri token(Path home) throws IOException;

  /** The token of the agent on this machine, under the same terms. */
  Pkcs11Uri agentToken(Path home) throws IOException;

  /**
   * Every certificate in the home whose private key may lie in a token.
   *
   * @throws io.guardbee.pki.RefusedException when one cannot be read: a key that it depends on must
   *     not look free
   */
  List<Dependent> dependents(Path home) throws IOException;
}
