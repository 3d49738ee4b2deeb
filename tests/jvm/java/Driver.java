/** What the native half offers: requests of the component, as a platform would make them. */
final class Driver {
    /** Finds the classes that only the platform can find. */
    static volatile ClassLoader platform;
    static volatile int asked;

    private Driver() {}

    static native void open(String library);

    /**
     * One GET with a new object: {@code status body} or {@code error text}.
     *
     * @param apart on a thread the VM does not know
     */
    static native String get(String url, String options, boolean apart);

    /** Called by the native half. */
    static Class<?> findClass(String name) throws ClassNotFoundException {
        asked++;
        if (platform == null) {
            throw new ClassNotFoundException(name);
        }
        return platform.loadClass(name);
    }
}
