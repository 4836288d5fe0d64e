package io.guardbee.hsm.session;

/** Whether a person has told this process to use a token's last PIN attempt. */
public final class LastTry {

  private static volatile boolean allowed;

  private LastTry() {}

  /** Said by a person, on one command. */
  public static void allow() {
    allowed = true;
  }

  static boolean isAllowed() {
    return allowed;
  }
}
