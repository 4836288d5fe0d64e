/** What an enrolled device remembers, on disk, safe against a crash at any moment. */
@NullMarked
package io.guardbee.agent.state;

import org.jspecify.annotations.NullMarked;
