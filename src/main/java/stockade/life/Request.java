package stockade.life;

/**
 * What jail(8) is asked to do.
 *
 * @param create whether jails that do not run are made (-c)
 * @param modify whether those that run are changed (-m)
 * @param remove whether those that run end (-r), or if they are to be changed, end where they have to be made anew
 */
public record Request(boolean create, boolean modify, boolean remove) {
    boolean onlyRemoves() {
        return remove && !create && !modify;
    }
}
