package io.guardbee.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets every test wait as long as a busy machine needs; how long something takes is a matter of the
 * benchmarks. Found by JUnit itself in every module.
 */
public final class PatientWaiting implements BeforeAllCallback {

  /** As long as a test waits for what must come: beyond it, it will not. */
  public static final Duration PATIENCE = Duration.ofMinutes(5);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(PATIENCE);
  }
}
