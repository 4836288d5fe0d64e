/** The status feed: ordered changes that brokers follow and acknowledge. */
@NullMarked
package io.guardbee.service.feed;

import org.jspecify.annotations.NullMarked;
