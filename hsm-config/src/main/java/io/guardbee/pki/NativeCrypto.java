package io.guardbee.pki;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.security.Security;

/** The platform's native cryptography for verification and TLS, where there is one. */
public final class NativeCrypto {

  private NativeCrypto() {}

  /**
   * Puts Corretto's provider before Java's own, once per JVM; where its native library does not
   * load Java's providers stay in charge.
   *
   * @return the provider now in use, for the log: name and version
   */
  public static synchronized String install() {
    try {
      if (AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError() == null) {
        AmazonCorrettoCryptoProvider.install();
      }
    } catch (LinkageError e) {
      // not on the class path, or not for this platform: it is optional
    }
    Provider first = Security.getProviders()[0];
    return first.getName() + " " + first.getVersionStr();
  }
}
