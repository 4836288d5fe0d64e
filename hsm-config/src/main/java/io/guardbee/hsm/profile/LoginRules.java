package io.guardbee.hsm.profile;

import java.util.Optional;

/**
 * How a user logs in.
 *
 * @param pin what the PIN is made of, for people
 * @param protectedPath whether the PIN may be typed at the device and not given by the caller
 */
public record LoginRules(Optional<String> pin, Optional<Boolean> protectedPath) {

  static final LoginRules UNKNOWN = new LoginRules(Optional.empty(), Optional.empty());
}
