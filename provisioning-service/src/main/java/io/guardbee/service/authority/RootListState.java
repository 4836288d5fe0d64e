package io.guardbee.service.authority;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The root's list of revoked authorities, as it is now.
 *
 * @param endsAt its nextUpdate; null when there is none
 */
public record RootListState(Need need, @Nullable Instant endsAt) {

  /** What is to be done about the list. */
  public enum Need {
    /** Nothing. */
    NONE,
    /** Two thirds of its life are over. */
    DUE,
    ENDED,
    /** No ceremony has signed one. */
    MISSING;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** As {@code root CRL ends at …}. */
  public String text() {
    return switch (need) {
      case NONE, DUE -> "root CRL ends at " + endsAt;
      case ENDED -> "root CRL ended at " + endsAt;
      case MISSING -> "the root has signed no CRL";
    };
  }
}
