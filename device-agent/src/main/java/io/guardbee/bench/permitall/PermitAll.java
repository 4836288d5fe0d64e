package io.guardbee.bench.permitall;

import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import io.guardbee.pki.NativeCrypto;

/**
 * Lets in whoever the listener's TLS lets in, and allows every topic; with the same cryptography as
 * Guardbee's door, so that a comparison shows the door alone, or with Java's own where the system
 * property {@code guardbee.bench.crypto} is {@code java}. For benchmarks on one machine only.
 */
public final class PermitAll implements ExtensionMain {

  @Override
  public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
    if (!System.getProperty("guardbee.bench.crypto", "").equals("java")) {
      NativeCrypto.install();
    }
    SimpleAuthenticator everyone = (connect, answer) -> answer.authenticateSuccessfully();
    Services.securityRegistry().setAuthenticatorProvider(provider -> everyone);
  }

  @Override
  public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
    // the broker ends with it
  }
}
