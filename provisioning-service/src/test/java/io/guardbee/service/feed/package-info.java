/** The feed on real databases. */
@NullMarked
package io.guardbee.service.feed;

import org.jspecify.annotations.NullMarked;
